// One rule base for all four packages: no `any`, accessible templates, HTTP only in shared/src/api and shared/src/device.
import js from '@eslint/js'
import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import a11y from 'eslint-plugin-vuejs-accessibility'
import globals from 'globals'
import ts from 'typescript-eslint'

export default ts.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      'shared/wasm/**',
      'shared/src/api/schema.d.ts',
      '**/components.d.ts',
    ],
  },
  js.configs.recommended,
  ts.configs.recommended,
  vue.configs['flat/recommended'],
  a11y.configs['flat/recommended'],
  {
    languageOptions: { globals: { ...globals.browser }, parserOptions: { parser: ts.parser } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'always'],
      // TypeScript already resolves names.
      'no-undef': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'error',
      // Our fields are labelled by wrapping components that the rule cannot see into.
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
    },
  },
  {
    files: ['{app,console,trade}/src/**/*.{ts,vue}'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Views talk HTTP only through the client in @guiqian/shared/api.' },
        {
          name: 'XMLHttpRequest',
          message: 'Views talk HTTP only through the client in @guiqian/shared/api.',
        },
        { name: 'EventSource', message: 'Use subscribe() of @guiqian/shared/api.' },
      ],
    },
  },
  { files: ['**/*.{test,config}.{ts,js}', '**/tests/**'], languageOptions: { globals: { ...globals.node } } },
  prettier,
)
