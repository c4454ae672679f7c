-- Neovim as a user would set it up. The runner puts the plug-in's folder and the program into the environment.
vim.opt.runtimepath:prepend(vim.env.MINIVET_NVIM)
vim.opt.swapfile = false
vim.o.hidden = true
local settings = { lang = 'en' }
if vim.lsp.enable then
  vim.lsp.config('minivet', { cmd = { vim.env.MINIVET_BIN, 'lsp' }, settings = { minivet = settings } })
  vim.lsp.enable('minivet')
else
  require('minivet').setup({ cmd = { vim.env.MINIVET_BIN, 'lsp' }, settings = settings })
end
