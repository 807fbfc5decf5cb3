import { Counter } from '@fanone/service-kit'

/**
 * `event_loop`: this process is too slow for what comes in; `route`: too much of one route goes on;
 * `user_writes`: of one user's; `hashes`: more passwords than the user service hashes in time;
 * `event_streams`: too many answers that go on.
 */
export const shedRequests = new Counter({
  name: 'fanone_shed_requests_total',
  help: 'Requests refused because too much was going on, by reason',
  labelNames: ['reason'] as const,
})
