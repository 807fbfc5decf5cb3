import { type PictureKindName, pictureKinds } from '@fanone/contracts'
import type { Storage } from '@fanone/storage'
import { UploadReceiver } from '../http/upload.receiver.ts'

/** What takes the files of each kind of picture, and those that are searched by. */
export type PictureReceivers = Record<PictureKindName | 'query', UploadReceiver>

export function createPictureReceivers(storage: Storage): PictureReceivers {
  const receiverFor = (kind: PictureKindName) => new UploadReceiver({ storage, maxBytes: pictureKinds[kind].maxBytes })
  return {
    avatar: receiverFor('avatar'),
    background: receiverFor('background'),
    cover: receiverFor('cover'),
    // What is searched by may be as large as what is found.
    query: receiverFor('cover'),
  }
}
