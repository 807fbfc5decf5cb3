import { startService } from '@fanone/service-kit'
import service from '../service.ts'
import { createApp } from './app.ts'

await startService(service, createApp)
