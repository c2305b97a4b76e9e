import neostandard from 'neostandard'

export default [
<<<<<<< HEAD
  { ignores: ['dist/', '.tap/', 'prisma/generated/', 'demo/generated/'] },
=======
  { ignores: ['dist/', '.tap/', 'prisma/generated/', 'test/fixtures/generated/'] },
>>>>>>> unit
  ...neostandard({ ts: true }),
  { files: ['**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': 'error', '@typescript-eslint/no-non-null-assertion': 'error' } }
]
