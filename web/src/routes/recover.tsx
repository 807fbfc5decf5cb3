import { createFileRoute } from '@tanstack/react-router'
import { RecoverForm } from '../account/recover-form.tsx'

export const Route = createFileRoute('/recover')({ component: RecoverForm })
