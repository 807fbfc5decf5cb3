import { type App, readManifest } from '../../scripts/stack/manifest.ts'
import { readSettings } from '../../scripts/stack/settings.ts'

/** Every service of dapr.yaml, with its ports as the stack of the tests uses them. */
export const services: readonly App[] = readManifest(readSettings()).apps

export const appIds: readonly string[] = services.map(({ appId }) => appId)
