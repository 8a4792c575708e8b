import { makeThemeChoice } from '@guiqian/shared/desk/themeChoice'

export const theme = makeThemeChoice('guiqian.console.theme')
