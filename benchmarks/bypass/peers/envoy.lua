-- What goes out of the bodies and queries of POST user and PUT user.
local versions = {["2"] = true, ["2.0"] = true, ["2.0.alpha1"] = true, ["3"] = true, ["3.0"] = true, ["latest"] = true}

local function is_user(path)
  path = path:lower():gsub("^.*/rest/api/", "/api/")
  local version, rest = path:match("^/api/([^/]+)/user(.*)$")
  return version and versions[version] and (rest:gsub("^%.json", ""):gsub("^%.xml", ""):match("^/*$") ~= nil)
end

local function without_password(text)
  local value = '%s*:%s*"[^"]*"'
  text = text:gsub('"password"' .. value .. "%s*,", "")
  text = text:gsub(',%s*"password"' .. value, "")
  text = text:gsub('"password"' .. value, "")
  if not text:match("^%s*{") then
    text = ("&" .. text):gsub("&password=[^&]*", ""):gsub("^&", "")
  end
  return text
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local method = headers:get(":method")
  local path, query = headers:get(":path"):match("^([^?]*)%??(.*)$")
  if (method ~= "POST" and method ~= "PUT") or not is_user(path) then
    return
  end
  local kind = headers:get("content-type") or ""
  if headers:get("content-encoding") or kind:lower():match("^multipart/") then
    handle:respond({[":status"] = "415"}, "Send JSON or a form, without a content coding that is unknown here.")
  end
  query = ("&" .. query):gsub("&password=[^&]*", ""):gsub("^&", "")
  headers:replace(":path", query == "" and path or path .. "?" .. query)
  local body = handle:body()
  if body == nil then
    return
  end
  local text = body:getBytes(0, body:length())
  local edited = without_password(text)
  if method == "PUT" then
    local active = text:match('"active"%s*:%s*(%a+)')
    local alone = text:match('^%s*{%s*"active"%s*:%s*%a+%s*}%s*$')
    edited = alone and text or active and '{"active": ' .. active .. "}" or "{}"
  end
  if edited ~= text then
    headers:replace("content-length", body:setBytes(edited))
  end
end
