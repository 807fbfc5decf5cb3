import { join } from 'node:path'
import type { z } from 'zod'
import type { StorageConfig } from './config.ts'
import { mediaStoreFolder } from './layout.ts'
import { createLocalStorage } from './local-storage.ts'
import type { Storage } from './storage.ts'

/** The secrets of a service that keeps media, used with `STORAGE=s3` only. */
export const storageSecrets = ['s3-access-key', 's3-secret-key'] as const

/** The storage that the settings name. */
export async function openStorage(options: {
  config: z.infer<typeof StorageConfig> & { FANONE_HOME: string }
  secret: (name: (typeof storageSecrets)[number]) => Promise<string>
}): Promise<Storage> {
  const { config, secret } = options
  if (config.STORAGE === 'local') return createLocalStorage({ rootDir: mediaStoreFolder(config.FANONE_HOME) })
  // The SDK takes a while to load, and memory.
  const { openS3Storage } = await import('./s3/s3-storage.ts')
  return await openS3Storage({
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    bucket: config.S3_BUCKET,
    accessKeyId: await secret('s3-access-key'),
    secretAccessKey: await secret('s3-secret-key'),
    workFolder: join(config.FANONE_HOME, 'run/s3-files'),
    presignSeconds: config.S3_PRESIGN_SECONDS,
  })
}
