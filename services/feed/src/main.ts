import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { FeedConfig } from './config.ts'

await startService({ config: FeedConfig, createApp })
