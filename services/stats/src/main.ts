import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { StatsConfig } from './config.ts'
import { database } from './database.ts'

await startService({ config: StatsConfig, database, createApp })
