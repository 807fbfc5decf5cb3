import type Hls from 'hls.js'
import type { Level } from 'hls.js'

/** Plays HLS: by the browser itself where it can, else by hls.js, which is loaded on demand. */
export async function attachHls(
  player: HTMLVideoElement,
  url: string,
  onBroken: () => void,
  onLevels: (levels: Level[], hls: Hls) => void = () => undefined,
): Promise<() => void> {
  const { default: Library } = await import('hls.js/light')
  if (!Library.isSupported()) {
    player.src = url
    return () => undefined
  }
  // Its worker would be made from a blob, which the content security policy does not allow.
  const hls = new Library({ enableWorker: false, capLevelToPlayerSize: true })
  hls.on(Library.Events.MANIFEST_PARSED, () => onLevels(hls.levels, hls))
  hls.on(Library.Events.ERROR, (_event, { fatal, type }) => {
    if (!fatal) return
    if (type === Library.ErrorTypes.NETWORK_ERROR) hls.startLoad()
    else if (type === Library.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError()
    else onBroken()
  })
  hls.loadSource(url)
  hls.attachMedia(player)
  return () => hls.destroy()
}
