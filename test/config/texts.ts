/** Configurations as text, for tests: read from a file of their own, in an environment of their own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, problemText, type Config } from '../../config/index.ts';

export const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
after(() => rmSync(folder, { recursive: true }));

/** What the examples need, and a few values that no error may show. */
export const ENVIRONMENT = {
  HOLDFAST_EXTERNAL_ID: 'a-secret-of-ours',
  LAB_EXTERNAL_ID: 'a-secret-of-the-lab',
  OFFICE_EXTERNAL_ID: 'a-secret-of-the-office',
  OFFICE_REPORTS: 'office-reports',
  OFFICE_OPERATORS: 'arn:aws:sns:eu-central-1:444455556666:operators',
  NO_EXTERNAL_ID: 'a secret with spaces',
};

export const file = join(folder, 'holdfast.yaml');

export const load = (text: string): ReturnType<typeof loadConfig> => {
  writeFileSync(file, text);
  return loadConfig(file, ENVIRONMENT);
};

export const configOf = (text: string): Config => {
  const loaded = load(text);
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(problemText).join('\n'));
  return loaded.config;
};

/** Each as `<line>:<column>  <path>: <message>`. */
export const problemsOf = (text: string): string[] => {
  const loaded = load(text);
  assert.ok(!loaded.ok);
  return loaded.problems.map((each) => problemText(each).replace(`${file}:`, ''));
};

export const ACCOUNTS = `
accounts:
  - { id: "111122223333", name: lab, regions: [eu-central-1] }
`;
export const BACKUP = `${ACCOUNTS}
policies:
  imageBackup:
    golden: { account: lab, region: eu-central-1, report: { bucket: reports } }
`;
export const UPGRADE = `${ACCOUNTS}
policies:
  imageUpgrade:
    office:
      account: lab
      region: eu-central-1
      bundle: wsb-0fleet0001
      image: wsi-0fleet0002
      all: true
      report: { bucket: reports }
`;
