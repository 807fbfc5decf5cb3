import { createFileRoute } from '@tanstack/react-router'
import { PasskeySettings } from '../settings/passkey-settings.tsx'

export const Route = createFileRoute('/settings/passkeys')({ component: PasskeySettings })
