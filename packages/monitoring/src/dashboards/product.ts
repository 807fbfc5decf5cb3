import { type Dashboard, query, rate } from './panel.ts'

export const media: Dashboard = {
  id: 'media',
  title: 'Media',
  hasInstances: false,
  panels: [
    {
      title: 'Uploads',
      description: 'By protocol and outcome.',
      unit: 'ops',
      queries: [rate('fanone_uploads_total', 'protocol, outcome', '{{protocol}} {{outcome}}')],
    },
    {
      title: 'Bytes uploaded',
      description: 'By protocol.',
      unit: 'Bps',
      queries: [rate('fanone_uploaded_bytes_total', 'protocol')],
    },
    {
      title: 'Publications',
      description: 'Refused ones are no videos.',
      unit: 'ops',
      queries: [rate('fanone_video_publications_total', 'outcome')],
    },
    {
      title: 'Jobs that wait',
      description: 'Or are worked on.',
      unit: 'short',
      queries: [query('max(fanone_video_media_queue_length)', 'jobs')],
    },
    {
      title: 'Oldest job',
      description: 'How long it has waited.',
      unit: 's',
      queries: [query('max(fanone_video_media_queue_age_seconds)', 'age')],
      threshold: 1_800,
      alert: 'MediaQueueOld',
    },
    {
      title: 'Jobs that ended',
      description: 'By kind and outcome.',
      unit: 'ops',
      queries: [rate('fanone_video_media_jobs_total', 'kind, outcome', '{{kind}} {{outcome}}')],
      isQuiet: true,
    },
  ],
}

export const caches: Dashboard = {
  id: 'caches',
  title: 'Feed and caches',
  hasInstances: false,
  panels: [
    {
      title: 'Reads by where they ended',
      description: '`waited` shared the load of another request.',
      unit: 'ops',
      queries: [rate('fanone_cache_reads_total', 'app, cache, from', '{{app}} {{cache}} {{from}}')],
    },
    {
      title: 'Found in the cache',
      description: 'Share of all reads.',
      unit: 'percentunit',
      queries: [
        query(
          'sum by (cache) (rate(fanone_cache_reads_total{from="cache"}[$__rate_interval])) / sum by (cache) (rate(fanone_cache_reads_total[$__rate_interval]))',
          '{{cache}}',
        ),
      ],
    },
    {
      title: 'Feed requests',
      description: 'By timeline.',
      unit: 'reqps',
      queries: [
        rate('fanone_http_request_duration_seconds_count{app="feed", route=~"/internal/timelines.*"}', 'route'),
      ],
    },
    {
      title: 'Rebuilds of the feed',
      description: 'After Redis has lost its memory.',
      unit: 'short',
      queries: [query('sum by (outcome) (increase(fanone_feed_rebuilds_total[1h]))', '{{outcome}}')],
      isQuiet: true,
    },
    {
      title: 'Pages without flags',
      description: 'Answered without likes or follows because their service did not answer.',
      unit: 'ops',
      queries: [
        query('sum(rate(fanone_gateway_like_flags_missed_total[$__rate_interval]))', 'likes'),
        query('sum(rate(fanone_gateway_follow_flags_missed_total[$__rate_interval]))', 'follows'),
      ],
    },
  ],
}

const operations = 'fanone_http_request_duration_seconds_count{app="user"'

export const business: Dashboard = {
  id: 'business',
  title: 'Business',
  hasInstances: false,
  panels: [
    {
      title: 'Registrations',
      description: 'By user name; who logs in with an unknown phone registers too. A repeated call counts again.',
      unit: 'ops',
      queries: [rate(`${operations}, route="/internal/accounts.register", status="200"}`, 'app', 'registered')],
    },
    {
      title: 'Log-ins',
      description: 'By result.',
      unit: 'ops',
      queries: [
        rate(`${operations}, route="/internal/sessions.logIn", status="200"}`, 'app', 'by password'),
        rate(`${operations}, route="/internal/phones.signIn", status="200"}`, 'app', 'by phone'),
        rate('fanone_failures_total{app="user", route=~"/internal/(sessions.logIn|phones.signIn)"}', 'code'),
      ],
    },
    {
      title: 'Videos published',
      description: 'By the event.',
      unit: 'ops',
      queries: [rate('fanone_facts_total{event="video.published"}', 'event')],
    },
    {
      title: 'Playback starts',
      description: 'At this edge, by how the video is delivered; what a cache before it serves is not seen.',
      unit: 'ops',
      queries: [rate('fanone_playback_starts_total', 'format')],
    },
    {
      title: 'Visits',
      description: 'By kind of content; a viewer counts once in ten minutes.',
      unit: 'ops',
      queries: [rate('fanone_facts_total{event="content.visited"}', 'kind')],
    },
    {
      title: 'Likes',
      description: 'Given and taken back, by kind of content.',
      unit: 'ops',
      queries: [rate('fanone_facts_total{event=~"content.(un)?liked"}', 'event, kind', '{{event}} {{kind}}')],
    },
    {
      title: 'Comments',
      description: 'On what; `comment` is a reply.',
      unit: 'ops',
      queries: [rate('fanone_facts_total{event="comment.created"}', 'kind')],
    },
    {
      title: 'Follows',
      description: 'Begun and ended.',
      unit: 'ops',
      queries: [rate('fanone_facts_total{event=~"user.(un)?followed"}', 'event')],
    },
  ],
}
