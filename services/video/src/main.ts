import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { VideoConfig } from './config.ts'
import { migrations } from './migrations/index.ts'
import { VideoEntity } from './video/video.entity.ts'

await startService({ config: VideoConfig, database: { entities: [VideoEntity], migrations }, createApp })
