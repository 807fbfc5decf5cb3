import { type PictureKindName, pictureKinds } from '@fanone/contracts'
import type { Storage } from '@fanone/storage'
import { UploadReceiver } from '../http/upload.receiver.ts'

/** What takes the files of each kind of picture. */
export type PictureReceivers = Record<PictureKindName, UploadReceiver>

export function createPictureReceivers(storage: Storage): PictureReceivers {
  const receiverFor = (kind: PictureKindName) => new UploadReceiver({ storage, maxBytes: pictureKinds[kind].maxBytes })
  return { avatar: receiverFor('avatar'), background: receiverFor('background'), cover: receiverFor('cover') }
}
