import type { NormalizedSchema } from '@smithy/core/schema';
import { ToStringShapeSerializer } from '@smithy/core/protocols';

const DATE_TIME = 5;

const toText = new ToStringShapeSerializer({
  timestampFormat: { useTrait: true, default: DATE_TIME },
  httpBindings: true,
});

/** A simple value as it stands in an element's text or in a header; the schema says which time format that is. */
export function textOf(schema: NormalizedSchema, value: unknown): string {
  toText.write(schema, value as never);
  return toText.flush();
}

/** The elements of a structure's members, without the structure's own; members bound to HTTP headers are left out. */
export function membersXml(schema: NormalizedSchema, value: Readonly<Record<string, unknown>>): string {
  let xml = '';
  for (const [name, member] of schema.structIterator()) {
    const content = value[name];
    if (content == null || isBoundToHttp(member)) continue;
    xml += elementXml((member.getMemberTraits().xmlName as string | undefined) ?? name, member, content);
  }
  return xml;
}

function elementXml(tag: string, schema: NormalizedSchema, value: unknown): string {
  if (schema.isListSchema()) return listXml(tag, schema, value as readonly unknown[]);
  if (schema.isMapSchema()) return mapXml(tag, schema, value as Readonly<Record<string, unknown>>);
  if (schema.isStructSchema()) return `<${tag}>${membersXml(schema, value as Record<string, unknown>)}</${tag}>`;
  return textElement(tag, textOf(schema, value));
}

export function textElement(tag: string, text: string): string {
  return `<${tag}>${escapeXml(text)}</${tag}>`;
}

function listXml(tag: string, schema: NormalizedSchema, items: readonly unknown[]): string {
  const item = schema.getValueSchema();
  const isFlat = Boolean(schema.getMergedTraits().xmlFlattened);
  const itemTag = isFlat ? tag : ((item.getMergedTraits().xmlName as string | undefined) ?? 'member');
  const elements = items.map((value) => elementXml(itemTag, item, value)).join('');
  return isFlat ? elements : `<${tag}>${elements}</${tag}>`;
}

function mapXml(tag: string, schema: NormalizedSchema, map: Readonly<Record<string, unknown>>): string {
  const key = schema.getKeySchema();
  const value = schema.getValueSchema();
  const keyTag = (key.getMergedTraits().xmlName as string | undefined) ?? 'key';
  const valueTag = (value.getMergedTraits().xmlName as string | undefined) ?? 'value';
  const entries = Object.entries(map).map(([k, v]) => textElement(keyTag, k) + elementXml(valueTag, value, v));
  if (schema.getMergedTraits().xmlFlattened) return entries.map((entry) => `<${tag}>${entry}</${tag}>`).join('');
  return `<${tag}>${entries.map((entry) => `<entry>${entry}</entry>`).join('')}</${tag}>`;
}

function isBoundToHttp(member: NormalizedSchema): boolean {
  const traits = member.getMemberTraits();
  return Boolean(traits.httpHeader || traits.httpPrefixHeaders || traits.httpResponseCode || traits.httpQuery);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ENTITIES[character] as string);
}
