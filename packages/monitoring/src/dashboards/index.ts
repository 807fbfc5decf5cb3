export { dashboardsOf } from './dashboards.ts'
export type { Dashboard, Panel, Query } from './panel.ts'
export { renderProvisioning } from './provisioning.ts'
export { renderDashboard } from './render.ts'
