import { createFileRoute } from '@tanstack/react-router'
import { SessionsSettings } from '../settings/sessions-settings.tsx'

export const Route = createFileRoute('/settings/sessions')({ component: SessionsSettings })
