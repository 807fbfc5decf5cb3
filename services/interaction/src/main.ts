import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { InteractionConfig } from './config.ts'
import { database } from './database.ts'

await startService({ config: InteractionConfig, database, createApp })
