"""What the mall reports to the ministry, the province and its own leadership, as PDF and XLSX."""
