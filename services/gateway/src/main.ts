import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { GatewayConfig } from './config.ts'

await startService({ config: GatewayConfig, createApp })
