--- Neovim 0.11 and later: `vim.lsp.enable('minivet')`.
--- Settings are the keys of minivet.toml: `vim.lsp.config('minivet', { settings = { minivet = { lang = 'zh-CN' } } })`.
local minivet = require('minivet')

return {
  cmd = { 'minivet', 'lsp' },
  filetypes = minivet.filetypes,
  root_dir = function(buffer, found)
    found(minivet.root(vim.api.nvim_buf_get_name(buffer)))
  end,
  before_init = function(params, config)
    params.initializationOptions = (config.settings or {}).minivet
  end,
  settings = { minivet = vim.empty_dict() },
}
