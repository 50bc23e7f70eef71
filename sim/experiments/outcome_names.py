"""Short names of outcomes, for tables on screen and for figures."""

from typing import Final

NAMES: Final = {
    "crossed_after_days": "Days to crossing",
    "listed_after_days": "Days to listing",
    "online_sales_yuan": "Online sales",
    "orders": "Orders",
    "active_stores": "Active stores",
    "jobs_in_stores": "Jobs in stores",
    "jobs_with_makers_and_carriers": "Jobs, makers and carriers too",
    "designated_villages": "Villages that satisfy the rule",
    "listed_villages": "Villages listed",
    "mean_income_local_yuan": "Income of local households",
    "mean_income_farmer_yuan": "Income of farmers",
    "mean_income_manufacturer_yuan": "Income of makers",
    "mean_income_operator_yuan": "Income of other locals",
    "mean_income_incomer_yuan": "Income of incomers",
    "income_fifth_1_yuan_per_head": "Income, poorest fifth",
    "income_fifth_2_yuan_per_head": "Income, second fifth",
    "income_fifth_3_yuan_per_head": "Income, third fifth",
    "income_fifth_4_yuan_per_head": "Income, fourth fifth",
    "income_fifth_5_yuan_per_head": "Income, richest fifth",
    "gini": "Gini coefficient",
    "poverty_share": "Share of poor households",
    "stores_opened": "Stores opened",
    "stores_closed": "Stores closed",
    "farmers_online_income_share": "Online share of farmers' income",
    "season_orders": "Fruit orders, last season",
    "season_online_sales_yuan": "Fruit sold online, last season",
    "season_online_kg": "Fruit sold online, last season (kg)",
    "season_lost_kg": "Fruit lost, last season (kg)",
    "season_growers_online_income_share": "Online share of crop income",
    "total_online_sales_yuan": "Online sales, whole run",
    "total_local_income_yuan": "Local income, whole run",
    "total_policy_cost_yuan": "Cost of policies, whole run",
}
"""Short names of outcomes, but for `followed_days`; units are those of the outcomes."""
