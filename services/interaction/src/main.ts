import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { InteractionConfig } from './config.ts'
import { migrations } from './migrations/index.ts'

await startService({ config: InteractionConfig, database: { entities: [], migrations }, createApp })
