import type { Sandbox } from '@fanone/sandbox'
import { publicKey, type Storage } from '@fanone/storage'
import { indexFirst } from '../faststart/index-first.ts'
import { type JobHandlers, mediaKeyIn } from '../jobs/job-handlers.ts'
import { probeVideo } from '../media/probe.ts'
import { RenditionMaker } from './rendition-maker.ts'
import { makeStoryboard } from './storyboard.ts'

/** What is made of videos. */
export function renditionHandlers(options: { storage: Storage; sandbox: Sandbox; scratchFolder: string }): JobHandlers {
  const { storage, sandbox } = options
  const maker = new RenditionMaker(options)
  return {
    // The upload stays for those who play it: the janitor removes it when it is old.
    faststart: ({ video, folder, signal }) =>
      storage.withLocalFile(publicKey(video.sourceKey || video.videoKey), async (path) => {
        await storage.put(`${folder}/video.mp4`, indexFirst(path), { signal })
        const key = mediaKeyIn(folder, 'video.mp4')
        return { videoKey: key, sourceKey: key }
      }),
    renditions: ({ video, folder, ...task }) =>
      storage.withLocalFile(publicKey(video.sourceKey || video.videoKey), async (path) => {
        const probe = await probeVideo(path, sandbox)
        const { playlist, bestFile } = await maker.make({ source: { path, probe }, folder, ...task })
        const hlsKey = mediaKeyIn(folder, playlist)
        return probe.playsEverywhere ? { hlsKey } : { hlsKey, videoKey: mediaKeyIn(folder, bestFile) }
      }),
    storyboard: async ({ video, folder, signal }) => {
      const smallest = await smallestRendition(storage, video.hlsKey)
      const file = await storage.withLocalFile(smallest, (path) =>
        makeStoryboard({ video, path, folder, sandbox, storage, signal }),
      )
      return { storyboardKey: mediaKeyIn(folder, file) }
    },
  }
}

async function smallestRendition(storage: Storage, hlsKey: string): Promise<string> {
  const folder = publicKey(hlsKey).split('/').slice(0, -1).join('/')
  const sizes = new Map<string, number>()
  for await (const { key, sizeBytes } of storage.list(folder)) if (key.endsWith('.mp4')) sizes.set(key, sizeBytes)
  const [smallest] = [...sizes].toSorted(([, one], [, other]) => one - other)
  if (!smallest) throw new Error(`there are no renditions under ${folder}`)
  return smallest[0]
}
