import { type Dashboard, query, rate } from './panel.ts'

export const kafka: Dashboard = {
  id: 'kafka',
  title: 'Kafka and events',
  hasInstances: false,
  panels: [
    {
      title: 'Consumer lag',
      description: 'Events that a service has not taken yet.',
      unit: 'short',
      queries: [query('sum by (group, topic) (fanone_consumer_lag)', '{{group}} {{topic}}')],
      threshold: 100,
      alert: 'ConsumerLagGrows',
    },
    {
      title: 'Members of groups',
      description: 'Sidecars that take events; none means that nobody does.',
      unit: 'short',
      queries: [query('fanone_consumer_members', '{{group}}')],
      alert: 'ConsumerStopped',
    },
    {
      title: 'Events written',
      description: 'By topic.',
      unit: 'ops',
      queries: [rate('fanone_topic_messages', 'topic')],
    },
    {
      title: 'Events taken',
      description: 'Deliveries by outcome. `retried` comes again, `dropped` goes to the dead letters.',
      unit: 'ops',
      queries: [rate('fanone_events_consumed_total', 'app, topic, outcome', '{{app}} {{topic}} {{outcome}}')],
    },
    {
      title: 'Dead letters',
      description: 'Events that a service could not handle, in all.',
      unit: 'short',
      queries: [query('fanone_topic_messages{topic=~".*dead-letters"}', '{{topic}}')],
      alert: 'DeadLetters',
    },
    {
      title: 'Outbox: oldest event',
      description: 'How long an event has waited to be published.',
      unit: 's',
      queries: [query('max by (app) (fanone_outbox_lag_seconds)', '{{app}}')],
      threshold: 60,
      alert: 'OutboxStuck',
    },
    {
      title: 'Bytes in and out',
      description: 'Of all topics.',
      unit: 'Bps',
      queries: [
        query('sum(rate(kafka_topic_bytes_in_total[$__rate_interval]))', 'in'),
        query('sum(rate(kafka_topic_bytes_out_total[$__rate_interval]))', 'out'),
      ],
    },
    {
      title: 'Request time',
      description: 'Of the broker; fetches wait on purpose.',
      unit: 'ms',
      queries: [query('kafka_request_milliseconds', '{{request}} {{quantile}}')],
    },
    {
      title: 'Idle request handlers',
      description: 'Near zero the broker has no time.',
      unit: 'percentunit',
      queries: [query('kafka_request_handlers_idle_ratio', 'idle')],
    },
    {
      title: 'Size of topics',
      description: 'On disk.',
      unit: 'bytes',
      queries: [query('sum by (topic) (kafka_log_size_bytes)', '{{topic}}')],
    },
  ],
}

export const mysql: Dashboard = {
  id: 'mysql',
  title: 'MySQL',
  hasInstances: false,
  panels: [
    {
      title: 'Statements',
      description: 'By kind.',
      unit: 'ops',
      queries: [query('topk(8, rate(mysql_global_status_commands_total[$__rate_interval]) > 0)', '{{command}}')],
    },
    {
      title: 'Connections',
      description: 'Open, working, and how many there may be.',
      unit: 'short',
      queries: [
        query('mysql_global_status_threads_connected', 'open'),
        query('mysql_global_status_threads_running', 'working'),
        query('mysql_global_variables_max_connections', 'at most'),
      ],
    },
    {
      title: 'Waiting for row locks',
      description: 'Statements that wait for another transaction.',
      unit: 'ops',
      queries: [query('rate(mysql_global_status_innodb_row_lock_waits[$__rate_interval])', 'waits')],
    },
    {
      title: 'Deadlocks and slow statements',
      description: 'Both are rare.',
      unit: 'ops',
      queries: [
        query('rate(mysql_global_status_innodb_deadlocks[$__rate_interval])', 'deadlocks'),
        query('rate(mysql_global_status_slow_queries[$__rate_interval])', 'slow'),
      ],
    },
    {
      title: 'Reads that went to the disk',
      description: 'Share of pages that were not in memory.',
      unit: 'percentunit',
      queries: [
        query(
          'rate(mysql_global_status_innodb_buffer_pool_reads[$__rate_interval]) / rate(mysql_global_status_innodb_buffer_pool_read_requests[$__rate_interval])',
          'from disk',
        ),
      ],
    },
    {
      title: 'Commits to the disk',
      description: 'Each is a wait; group commits keep them few.',
      unit: 'ops',
      queries: [query('rate(mysql_global_status_innodb_data_fsyncs[$__rate_interval])', 'fsync')],
    },
  ],
}

export const redis: Dashboard = {
  id: 'redis',
  title: 'Redis',
  hasInstances: false,
  panels: [
    {
      title: 'Commands',
      description: 'By kind.',
      unit: 'ops',
      queries: [query('topk(8, rate(redis_commands_total[$__rate_interval]) > 0)', '{{cmd}}')],
    },
    {
      title: 'Time in commands',
      description: 'Redis has one thread: near one second a second it is full.',
      unit: 'percentunit',
      queries: [query('sum(rate(redis_commands_duration_seconds_total[$__rate_interval]))', 'busy')],
      threshold: 0.8,
    },
    {
      title: 'Memory',
      description: 'What Redis holds, and what the process takes.',
      unit: 'bytes',
      queries: [query('redis_memory_used_bytes', 'used'), query('redis_memory_used_rss_bytes', 'process')],
    },
    {
      title: 'Connections',
      description: 'Clients; blocked ones wait in a blocking command.',
      unit: 'short',
      queries: [query('redis_connected_clients', 'open'), query('redis_blocked_clients', 'blocked')],
    },
    {
      title: 'Keys that were there',
      description: 'Share of lookups that found something.',
      unit: 'percentunit',
      queries: [
        query(
          'rate(redis_keyspace_hits_total[$__rate_interval]) / (rate(redis_keyspace_hits_total[$__rate_interval]) + rate(redis_keyspace_misses_total[$__rate_interval]))',
          'hits',
        ),
      ],
    },
    {
      title: 'Keys',
      description: 'All of them; expired ones leave.',
      unit: 'short',
      queries: [query('redis_db_keys > 0', '{{db}}')],
    },
  ],
}
