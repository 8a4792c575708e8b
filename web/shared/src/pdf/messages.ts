// Texts of the PDF view. The key is the code of engine.ts.
export const messages = {
  'zh-CN': {
    loading: '正在打开文件…',
    page: '第 {number} 页，共 {count} 页',
    brokenPage: '这一页无法显示',
    retry: '重新打开',
    error: {
      PASSWORD: '文件设有打开密码，请先去除密码再使用',
      INVALID: '文件已损坏或不是 PDF，无法打开',
      UNREACHABLE: '文件没有下载完整，请检查网络后重试',
    },
  },
  en: {
    loading: 'Opening the document…',
    page: 'Page {number} of {count}',
    brokenPage: 'This page cannot be shown',
    retry: 'Open again',
    error: {
      PASSWORD: 'The file is protected by a password. Remove it first.',
      INVALID: 'The file is damaged or not a PDF.',
      UNREACHABLE: 'The file did not arrive completely. Check the network and try again.',
    },
  },
}
