"""Microsoft Graph: Excel cells and SharePoint lists."""
