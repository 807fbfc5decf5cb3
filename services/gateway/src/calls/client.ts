import type { ClientOf } from '@fanone/service-kit'
import type service from '../../service.ts'

/** A typed client of a service, with the operations that service.ts declares to call. */
export type Client<App> = ClientOf<typeof service, App>
