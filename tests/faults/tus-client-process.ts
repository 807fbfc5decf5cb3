import { createReadStream } from 'node:fs'
import * as tus from 'tus-js-client'

// Its types name only what it has in browsers too.
const { FileUrlStorage } = tus as unknown as { FileUrlStorage: new (path: string) => tus.UrlStorage }

/** What a client process is to send. */
export interface Order {
  endpoint: string
  token: string
  file: string
  sizeBytes: number
  sha256: string
  chunkBytes: number
  /** Where the address of the upload is kept, for the process that comes after a killed one. */
  memory: string
}

// A client as people write it: it goes on with what it finds, and tries again for a while.
const order: Order = JSON.parse(process.argv[2] ?? '')
const upload = new tus.Upload(createReadStream(order.file), {
  endpoint: order.endpoint,
  headers: { authorization: `Bearer ${order.token}` },
  metadata: { sha256: order.sha256 },
  chunkSize: order.chunkBytes,
  uploadSize: order.sizeBytes,
  urlStorage: new FileUrlStorage(order.memory),
  retryDelays: Array.from({ length: 60 }, () => 500),
  onError(error) {
    console.error(error)
    process.exitCode = 1
  },
  onSuccess: () => console.log(upload.url),
})
const [earlier] = await upload.findPreviousUploads()
if (earlier) upload.resumeFromPreviousUpload(earlier)
upload.start()
