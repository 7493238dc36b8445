// Writes src/api/schema.ts: the types of the server's answers, from its own description of them
// (src/api/openapi.json of the server, with docs/answer.schema.json in it). Made with each build, so
// that the page and the server cannot drift apart: what no longer fits does not compile.
import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const description = JSON.parse(
  read('src/api/openapi.json').replace('"@ANSWER_SCHEMA@"', read('docs/answer.schema.json')),
);

const quoted = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));

function comment(text, indent) {
  return text ? `${indent}/** ${text.replaceAll('*/', '* /')} */\n` : '';
}

function object(schema, indent) {
  const required = new Set(schema.required ?? []);
  const inner = `${indent}  `;
  const fields = Object.entries(schema.properties).map(
    ([name, field]) =>
      comment(field.description, inner) +
      `${inner}${quoted(name)}${required.has(name) ? '' : '?'}: ${type(field, inner)};\n`,
  );
  return `{\n${fields.join('')}${indent}}`;
}

function plain(name, schema, indent) {
  switch (name) {
    case 'string':
    case 'boolean':
    case 'null':
      return name;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `Array<${schema.items ? type(schema.items, indent) : 'unknown'}>`;
    case 'object':
      return schema.properties ? object(schema, indent) : 'Record<string, unknown>';
    default:
      throw new Error(`types.mjs does not know the type ${name}`);
  }
}

// "Answer/properties/members/items" is Answer['members'][number].
function named(reference) {
  const [name, ...steps] = reference.slice('#/components/schemas/'.length).split('/');
  let text = name;
  while (steps.length > 0) {
    text += steps.shift() === 'items' ? '[number]' : `[${JSON.stringify(steps.shift())}]`;
  }
  return text;
}

// What the schema allows, as a type of TypeScript.
function type(schema, indent = '') {
  if (schema.$ref) return named(schema.$ref);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => type(one, indent)).join(' & ');
  // Beside properties these only say which go together.
  const choices = schema.properties ? undefined : (schema.oneOf ?? schema.anyOf);
  if (choices) return choices.map((one) => type(one, indent)).join(' | ');
  if (!schema.type) return 'unknown';
  return [schema.type].flat().map((name) => plain(name, schema, indent)).join(' | ');
}

let text = '// Made by web/make/types.mjs from the server\'s description of itself.\n';
for (const [name, schema] of Object.entries(description.components.schemas)) {
  text += `\n${comment(schema.description, '')}export type ${name} = ${type(schema)};\n`;
}
writeFileSync(new URL('web/src/api/schema.ts', root), text);
