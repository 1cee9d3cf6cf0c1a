/** `holdfast.yaml`: accounts, policies and schedules, declared once. */
export { loadConfig } from './load.ts';
export { problemText } from './problem.ts';
export type { Config, ScheduleEntry } from './config.ts';
