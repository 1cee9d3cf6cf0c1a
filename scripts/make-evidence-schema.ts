/** Writes report/evidence-schema.json anew, after a change to evidence documents: `node scripts/make-evidence-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evidenceSchemaText } from '../report/evidence-schema.ts';

writeFileSync(join(import.meta.dirname, '../report/evidence-schema.json'), evidenceSchemaText());
