import { createFileRoute } from '@tanstack/react-router'
import { PasswordSettings } from '../settings/password-settings.tsx'

export const Route = createFileRoute('/settings/password')({ component: PasswordSettings })
