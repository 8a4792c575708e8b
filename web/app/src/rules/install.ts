export type InstallPlace = 'android' | 'ios' | 'wechat'

/** Where this page is open, as far as adding it to a home screen goes; nothing on a PC. */
export function installPlace(agent: string, touchPoints: number): InstallPlace | undefined {
  if (/MicroMessenger/.test(agent)) return 'wechat'
  // Tablets of that maker say that they are PCs.
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) return 'ios'
  if (/Android|HarmonyOS/.test(agent)) return 'android'
  return undefined
}
