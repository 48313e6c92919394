/** Small texts that are written once and never changed, and that every job of the project can read. */
export interface Notes {
  /** The note with this name, if there is one. */
  find(folder: string, file: string): Promise<string | undefined>
  /** Stores the text unless there is one already. Returns the stored one. */
  keep(folder: string, file: string, text: string): Promise<string>
}
