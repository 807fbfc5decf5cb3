import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { StatsConfig } from './config.ts'
import { migrations } from './migrations/index.ts'

await startService({ config: StatsConfig, database: { entities: [], migrations }, createApp })
