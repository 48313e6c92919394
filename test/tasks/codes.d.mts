export function codesPage(): Promise<string>
