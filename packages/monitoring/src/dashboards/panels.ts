// What a page needs to draw panels itself, without Grafana's libraries.
export { dashboardsOf } from './dashboards.ts'
export { type Dashboard, nameOfCurve, type Panel, panelId, type Query, type Variables, withVariables } from './panel.ts'
