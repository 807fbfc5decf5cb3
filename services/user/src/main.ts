import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { UserConfig } from './config.ts'
import { database } from './database.ts'

await startService({ config: UserConfig, database, createApp })
