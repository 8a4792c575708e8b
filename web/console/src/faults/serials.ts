/** Serial numbers as they are pasted: one a line, or with commas between; blanks and colons within one stay its own. */
export function serialsOf(text: string): string[] {
  return text
    .split(/[\n,;，；]+/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
