import { onBeforeUnmount, ref, type Ref } from 'vue'
import { codeReader } from './reader'

export type CameraState = 'asking' | 'starting' | 'on' | 'denied' | 'missing' | 'failed'

const EVERY_MS = 120

const EXPLAINED = 'guiqian.camera-explained'

/** Whether the browser's own question would come next: ours, which says what for, comes before it. */
async function willBeAsked(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: 'camera' as PermissionName })).state === 'prompt'
  } catch {
    // A browser that does not tell may ask each time: people are told once what for.
    return !explained()
  }
}

function explained(): boolean {
  try {
    return localStorage.getItem(EXPLAINED) !== null
  } catch {
    return false
  }
}

function rememberExplained(): void {
  try {
    localStorage.setItem(EXPLAINED, '1')
  } catch {
    // Without storage it is explained again.
  }
}

interface TorchTrack extends MediaStreamTrack {
  getCapabilities(): MediaTrackCapabilities & { torch?: boolean }
}

/** Shows the rear camera in `video` and calls `onCode` with every text found, one at a time. */
export function useCamera(video: Ref<HTMLVideoElement | null>, onCode: (text: string) => Promise<void>) {
  const state = ref<CameraState>('starting')
  const torch = ref<boolean>()
  let stream: MediaStream | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  /** Starts at once when that asks nothing of anybody, else explains first. */
  async function open(): Promise<void> {
    stopped = false
    if (!navigator.mediaDevices?.getUserMedia || !(await willBeAsked())) {
      if (!stopped) await start()
    } else if (!stopped) state.value = 'asking'
  }

  async function start(): Promise<void> {
    if (state.value === 'asking') rememberExplained()
    stop()
    stopped = false
    state.value = 'starting'
    if (!navigator.mediaDevices?.getUserMedia) {
      state.value = 'missing'
      return
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } },
      })
    } catch (error) {
      const name = error instanceof DOMException ? error.name : ''
      state.value = name === 'NotAllowedError' ? 'denied' : name === 'NotFoundError' ? 'missing' : 'failed'
      return
    }
    const media = stream
    if (stopped || !video.value) return release()
    video.value.srcObject = media
    await video.value.play().catch(() => undefined)
    // The page may have been left while the camera was starting.
    if (stopped) return release()
    const track = media.getVideoTracks()[0] as TorchTrack | undefined
    torch.value = track?.getCapabilities?.().torch ? false : undefined
    state.value = 'on'
    void look()
  }

  async function look(): Promise<void> {
    if (stopped) return
    try {
      const reader = await codeReader()
      const text = video.value && video.value.readyState >= 2 ? await reader.read(video.value) : undefined
      if (text && !stopped) await onCode(text)
    } catch {
      // A frame that cannot be read is followed by another; a reader that cannot be loaded is asked for again.
    }
    if (!stopped) timer = setTimeout(() => void look(), EVERY_MS)
  }

  async function toggleTorch(): Promise<void> {
    const track = stream?.getVideoTracks()[0]
    if (!track || torch.value === undefined) return
    const on = !torch.value
    await track
      .applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] })
      .catch(() => undefined)
    torch.value = on
  }

  function release(): void {
    stream?.getTracks().forEach((track) => track.stop())
    stream = undefined
  }

  function stop(): void {
    stopped = true
    clearTimeout(timer)
    release()
  }

  onBeforeUnmount(stop)
  return { state, torch, open, start, stop, toggleTorch }
}
