/** Small texts that are written once and never changed, where every job of the project finds them. */
export interface Notes {
  /** The note of this name, if there is one. */
  find(folder: string, file: string): Promise<string | undefined>
  /** Keeps the text unless there is one already. Returns the one that is kept afterwards. */
  keep(folder: string, file: string, text: string): Promise<string>
}
