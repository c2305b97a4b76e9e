import neostandard from 'neostandard'

export default [
  { ignores: ['dist/', '.tap/', 'prisma/generated/', 'demo/generated/', 'benchmark/generated/', 'test/kit/generated/'] },
  ...neostandard({ ts: true }),
  { files: ['views/*.js'], languageOptions: { globals: Object.fromEntries(['addEventListener', 'customElements', 'DOMParser', 'history', 'HTMLElement', 'location'].map(name => [name, 'readonly'])) } },
  { files: ['index.ts', 'lib/**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': 'error', '@typescript-eslint/no-non-null-assertion': 'error', 'max-len': ['error', { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }] } }
]
