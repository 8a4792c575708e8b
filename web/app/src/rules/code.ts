/** What a scanned text is to us: our own code, or something else that we must not act on. */
export function readScanCode(text: string): string | undefined {
  const code = text.trim()
  // {origin}/s#token.seconds.mac; the origin may be any address under which the platform is reached, and pasted
  // codes often come without it.
  return /^(?:https?:\/\/[^\s/]+\/s#)?[\w-]{22}\.[0-9a-z]{1,13}\.[\w-]{16}$/i.test(code) ? code : undefined
}
