import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { RelationConfig } from './config.ts'
import { database } from './database.ts'

await startService({ config: RelationConfig, database, createApp })
