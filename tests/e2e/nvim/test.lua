-- Opens a leaking page, waits for the diagnostic, applies the quick fix, waits until it is gone; on any Neovim from 0.7.2 on.
-- Exit code 1 with a reason when something is not so.

local function fail(reason)
  io.stderr:write('nvim: FAILED: ' .. reason .. '\n')
  local log = vim.lsp.get_log_path()
  if vim.fn.filereadable(log) == 1 then
    local lines = vim.fn.readfile(log)
    io.stderr:write(table.concat(vim.list_slice(lines, math.max(1, #lines - 20)), '\n') .. '\n')
  end
  vim.cmd('cquit 1')
end

local function say(text)
  io.stdout:write('nvim: ' .. text .. '\n')
end

local function wait(what, condition)
  if not vim.wait(20000, condition, 50) then
    fail('waited in vain for ' .. what)
  end
end

local function findings(buffer)
  return vim.tbl_filter(function(diagnostic)
    return diagnostic.source == 'minivet'
  end, vim.diagnostic.get(buffer))
end

local function leak(buffer)
  for _, diagnostic in ipairs(findings(buffer)) do
    local text = vim.api.nvim_buf_get_lines(buffer, diagnostic.lnum, diagnostic.lnum + 1, false)[1] or ''
    if text:find('console.log', 1, true) then
      return diagnostic
    end
  end
end

local app = vim.env.MINIVET_APP

-- The version of this Neovim, so that the log says which was tried.
local version = vim.version()
say(('Neovim %d.%d.%d'):format(version.major, version.minor, version.patch))

-- 1. A template gets its file type and a client.
vim.cmd('edit ' .. app .. '/pages/address/address.wxml')
if vim.bo.filetype ~= 'wxml' then
  fail('the template has file type "' .. vim.bo.filetype .. '"')
end
wait('a client on the template', function()
  return #require('minivet').clients() == 1
end)
say('the template has a client')

-- 2. The leaking page shows its finding.
vim.cmd('edit ' .. app .. '/pages/address/address.js')
local buffer = vim.api.nvim_get_current_buf()
wait('a diagnostic on the log', function()
  return leak(buffer) ~= nil
end)
local diagnostic = leak(buffer)
say(('line %d, columns %d to %d: [%s] %s'):format(diagnostic.lnum + 1, diagnostic.col, diagnostic.end_col, tostring(diagnostic.code), diagnostic.message))
if #require('minivet').clients() ~= 1 then
  fail('two files of one app have ' .. #require('minivet').clients() .. ' clients')
end
local line = vim.api.nvim_buf_get_lines(buffer, diagnostic.lnum, diagnostic.lnum + 1, false)[1]
local marked = line:sub(diagnostic.col + 1, diagnostic.end_lnum == diagnostic.lnum and diagnostic.end_col or -1)
if not line:find(marked, 1, true) or marked == '' or marked:find('[\128-\191]', 1) == 1 then
  fail('the marked text is not on a boundary: ' .. marked)
end
say('marked: ' .. marked)

-- 3. Its quick fix mends the text.
local chosen
local function is_fix(action)
  local kind = action.kind or ''
  return kind:find('^quickfix') ~= nil and (action.isPreferred == true) and (action.edit ~= nil or action.data ~= nil)
end
vim.ui.select = function(items, _, on_choice)
  for index, item in ipairs(items) do
    local action = item.action or item[2] or item
    if is_fix(action) then
      chosen = action.title
      on_choice(item, index)
      return
    end
  end
  fail('no preferred fix among ' .. #items .. ' actions')
end
vim.api.nvim_win_set_cursor(0, { diagnostic.lnum + 1, diagnostic.col })
if vim.fn.has('nvim-0.8') == 1 then
  vim.lsp.buf.code_action({
    filter = function(action)
      if is_fix(action) then
        chosen = action.title
        return true
      end
      return false
    end,
    apply = true,
  })
else
  vim.lsp.buf.code_action()
end
wait('the fix', function()
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
  return text:find('console.log', 1, true) == nil
end)
say('applied: ' .. tostring(chosen))

-- 4. The finding is gone, and nothing new came.
wait('no finding', function()
  return #findings(buffer) == 0
end)
local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
if not text:find("// 收货地址 😀\n", 1, true) or not text:find('this.setData({ city: res.cityName })', 1, true) then
  fail('the fix damaged the text:\n' .. text)
end
say('the finding is gone')

-- 5. Typing a leak brings it back; undoing takes it away. (Setting 'undolevels' begins a new undo block.)
vim.cmd('let &undolevels = &undolevels')
vim.api.nvim_buf_set_lines(buffer, diagnostic.lnum, diagnostic.lnum, false, { "        console.log('😀', res.telNumber)" })
wait('the typed leak', function()
  return leak(buffer) ~= nil
end)
vim.cmd('silent undo')
wait('no finding after undo', function()
  return #findings(buffer) == 0
end)
say('typing and undoing are followed')

-- 6. The privacy inventory opens in a buffer of its own.
vim.cmd('MinivetInventory')
wait('the inventory', function()
  local shown = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  return vim.bo.filetype == 'markdown' and shown:find('wx.chooseAddress', 1, true) ~= nil
end)
vim.cmd('bwipeout!')
say('the inventory opens')

-- 7. The health check finds the program, and the help file has its tags.
vim.cmd('silent checkhealth minivet')
local report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
if report:find('ERROR') or not report:find('client') then
  fail('checkhealth:\n' .. report)
end
say('checkhealth is content')
vim.cmd('qall!')
