import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { VideoConfig } from './config.ts'
import { database } from './database.ts'

await startService({ config: VideoConfig, database, createApp })
