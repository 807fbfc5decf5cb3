import { join } from 'node:path'

/** The one place that says where things lie; see `Storage` for the layout. */

/** Folder of the local media store of an installation. */
export function mediaStoreFolder(home: string): string {
  return join(home, 'data/media-store')
}

/** Where the bytes of an upload arrive, growing or at once. */
export function uploadKey(uploadId: string): string {
  return `uploads/${uploadId}`
}

/** The folder of the chunks of an upload that comes in chunks of any order. */
export function chunkFolder(uploadId: string): string {
  return `chunks/${uploadId}`
}

/** Where one of these chunks arrives. */
export function chunkKey(uploadId: string, chunkNumber: number): string {
  return `${chunkFolder(uploadId)}/${chunkNumber}`
}

/** The folder of the files made from an upload, and of nothing else. */
export function mediaFolder(uploadId: string): string {
  return `media/${uploadId}`
}

/** The storage key of a public media key, such as `ab12/video.mp4`. */
export function publicKey(mediaKey: string): string {
  return `media/${mediaKey}`
}
