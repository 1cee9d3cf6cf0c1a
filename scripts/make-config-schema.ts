/** Writes config/schema.json anew, after a change to the schema of holdfast.yaml: `node scripts/make-config-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemaText } from '../config/json-schema.ts';

writeFileSync(join(import.meta.dirname, '../config/schema.json'), jsonSchemaText());
