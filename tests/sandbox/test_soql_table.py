"""Real SOQL, as Salesforce takes and refuses it, with the page that says so; and our own reader beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.salesforce.queries import Soql, meant
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.salesforce.errors import Refused

SOQL = "https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql"
CONDITIONS = f"{SOQL}_select_conditionexpression.htm"
OPERATORS = f"{SOQL}_select_comparisonoperators.htm"
DATES = f"{SOQL}_select_dateformats.htm"
DATE_FUNCTIONS = f"{SOQL}_select_date_functions.htm"
AGGREGATES = f"{SOQL}_select_agg_functions.htm"
GROUPS = f"{SOQL}_select_groupby.htm"
COUNT = f"{SOQL}_select_count.htm"
SCOPE = f"{SOQL}_select_using_scope.htm"
SECURITY = (
    "https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_classes_with_security_enforced.htm"
)
PICKLISTS = f"{SOQL}_querying_multiselect_picklists.htm"
CURRENCY = f"{SOQL}_querying_currency_fields.htm"
QUOTES = f"{SOQL}_select_quotedstringescapes.htm"
PATHS = f"{SOQL}_relationships_understanding.htm"
MIXED_NOT = "https://github.com/jetstreamapp/soql-parser-js/issues/201"
SEMI_JOIN = "https://www.apsona.com/docs/help-and-support/semijoin-subselect/"
QUOTED_DATE = "https://github.com/django-salesforce/django-salesforce/issues/10"
UNQUOTED_TEXT = "https://github.com/roblesterjr04/EloquentSalesForce/issues/68"
NO_NOT_LIKE = "https://github.com/jongpie/NebulaQueryAndSearch/issues/54"
BIND = "https://github.com/jsforce/jsforce/issues/851"

NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)
"""The 25th in Seoul."""
DEALS: list[dict[str, Any]] = [
    {
        "Id": f"006{n}",
        "Amount": Decimal(n * 100),
        "StageName": ["Won", "Lost"][n % 2],
        "IsWon": n % 2 == 0,
        "CloseDate": f"2026-10-{n + 1:02d}",
        "CreatedDate": f"2026-10-{n + 1:02d}T{14 + n % 3}:30:00Z",
        "Tags__c": ["a;b", "b;c", "a", None][n % 4],
        "AccountId": f"001{n % 2}",
        "OwnerId": "005000000000001AAA" if n < 3 else "0059",
    }
    for n in range(8)
]
ACCOUNTS = [{"Id": "0010", "Name": "Acme", "AnnualRevenue": 5}, {"Id": "0011", "Name": "O'Hara", "AnnualRevenue": 7}]
ORG = SalesforceOrg(Data(salesforce={"Opportunity": DEALS, "Account": ACCOUNTS}), clock=lambda: NOW, zone="Asia/Seoul")
ALL = "SELECT COUNT(Id) FROM Opportunity"

ACCEPTED: list[tuple[str, Any, str]] = [
    (f"{ALL} WHERE NOT StageName LIKE 'W%'", 4, NO_NOT_LIKE),
    (f"{ALL} WHERE Amount > 0 AND (NOT (Amount > 300 AND Amount < 600))", 5, MIXED_NOT),
    (f"{ALL} WHERE (NOT StageName = 'Won') AND (IsWon = false OR Amount > 1)", 4, CONDITIONS),
    (f"{ALL} WHERE (IsWon = true AND Amount > 100) OR CloseDate = 2026-10-02", 4, CONDITIONS),
    (f"{ALL} USING SCOPE everything WHERE Amount > 0", 7, SCOPE),
    (f"{ALL} USING SCOPE mine", 3, SCOPE),
    (f"{ALL} WHERE Amount > 0 WITH SECURITY_ENFORCED", 7, SECURITY),
    ("SELECT COUNT(o.Id) FROM Opportunity o WHERE o.Amount > 0 AND o.Account.Name = 'Acme'", 3, PATHS),
    ("SELECT SUM(Opportunity.Amount) FROM Opportunity", 2800, PATHS),
    (f"{ALL} WHERE Tags__c INCLUDES ('a')", 4, PICKLISTS),
    (f"{ALL} WHERE Tags__c INCLUDES ('a;b', 'c')", 4, PICKLISTS),
    (f"{ALL} WHERE Tags__c EXCLUDES ('a')", 4, PICKLISTS),
    (f"{ALL} WHERE CloseDate >= 2026-10-03 AND CloseDate < 2026-10-05", 2, DATES),
    (f"{ALL} WHERE CreatedDate >= 2026-10-03T00:00:00Z", 6, DATES),
    (f"{ALL} WHERE CreatedDate >= 2026-10-03T00:00:00+09:00", 7, DATES),
    (f"{ALL} WHERE CreatedDate < 2026-10-03T00:00:00.000-05:00", 2, DATES),
    (f"{ALL} WHERE CloseDate = LAST_N_DAYS:60", 8, DATES),
    (f"{ALL} WHERE CloseDate = LAST_MONTH", 8, DATES),
    (f"{ALL} WHERE CloseDate = THIS_FISCAL_QUARTER", 8, DATES),
    (f"{ALL} WHERE CloseDate = N_DAYS_AGO:55", 1, DATES),
    (f"{ALL} WHERE CloseDate > N_WEEKS_AGO:8", 5, DATES),
    (f"{ALL} WHERE CreatedDate = N_DAYS_AGO:53", 1, DATES),
    (f"{ALL} WHERE CALENDAR_YEAR(CloseDate) = 2026 AND DAY_IN_MONTH(CloseDate) < 3", 2, DATE_FUNCTIONS),
    (f"{ALL} WHERE CALENDAR_QUARTER(CloseDate) = 4 AND FISCAL_YEAR(CloseDate) = 2026", 8, DATE_FUNCTIONS),
    (f"{ALL} WHERE DAY_ONLY(CreatedDate) = 2026-10-03", 1, DATE_FUNCTIONS),
    (f"{ALL} WHERE DAY_ONLY(convertTimezone(CreatedDate)) = 2026-10-04", 2, DATE_FUNCTIONS),
    (f"{ALL} WHERE HOUR_IN_DAY(convertTimezone(CreatedDate)) = 0", 3, DATE_FUNCTIONS),
    (f"{ALL} WHERE AccountId IN (SELECT Id FROM Account WHERE Name = 'O\\'Hara')", 4, OPERATORS),
    (f"{ALL} WHERE AccountId NOT IN (SELECT Id FROM Account WHERE Name LIKE 'A%') AND Amount > 100", 3, OPERATORS),
    (f"{ALL} WHERE StageName IN ('Won', 'Open') AND Amount != null", 4, OPERATORS),
    (f"{ALL} WHERE Amount > USD500", 2, CURRENCY),
    (f"{ALL} WHERE Account.AnnualRevenue > 5", 4, PATHS),
    ("SELECT COUNT() FROM Opportunity WHERE IsWon = true LIMIT 2", 2, COUNT),
    ("SELECT SUM(Amount) total FROM Opportunity WHERE StageName = 'Won' GROUP BY StageName", 1200, GROUPS),
    ("SELECT COUNT_DISTINCT(StageName) FROM Opportunity", 2, AGGREGATES),
    (f"{ALL} WHERE StageName LIKE 'W_n' FOR VIEW", 4, OPERATORS),
]
REFUSED: list[tuple[str, str, str, str]] = [
    (f"{ALL} WHERE IsWon = true OR Amount > 1 AND Amount < 5", "MALFORMED_QUERY", "'AND'", CONDITIONS),
    (f"{ALL} WHERE IsWon = true AND NOT (Amount > 3 AND Amount < 6)", "MALFORMED_QUERY", "'NOT'", MIXED_NOT),
    (f"{ALL} WHERE IsWon = true AND NOT StageName LIKE 'W%'", "MALFORMED_QUERY", "'NOT'", MIXED_NOT),
    (f"{ALL} WHERE NOT IsWon = true AND Amount > 1", "MALFORMED_QUERY", "'AND'", MIXED_NOT),
    (f"{ALL} WHERE StageName NOT LIKE 'W%'", "MALFORMED_QUERY", "unexpected token", NO_NOT_LIKE),
    (f"{ALL} USING SCOPE others", "MALFORMED_QUERY", "scope", SCOPE),
    (f"{ALL} WHERE CloseDate >= '2026-10-01'", "INVALID_FIELD", "must be of type date and should not be", QUOTED_DATE),
    (f"{ALL} WHERE CreatedDate >= 2026-10-01", "INVALID_FIELD", "must be of type dateTime", DATES),
    (f"{ALL} WHERE CreatedDate >= '2026-10-01T00:00:00Z'", "INVALID_FIELD", "must be of type dateTime", QUOTED_DATE),
    (f"{ALL} WHERE CloseDate >= 2026-10-01T00:00:00Z", "INVALID_FIELD", "must be of type date", DATES),
    (f"{ALL} WHERE CreatedDate >= 2026-10-01T00:00:00", "MALFORMED_QUERY", "unexpected token", DATES),
    (f"{ALL} WHERE StageName = 3999", "INVALID_FIELD", "must be of type string and should be", UNQUOTED_TEXT),
    (f"{ALL} WHERE Amount > '5'", "INVALID_FIELD", "must be of type double", UNQUOTED_TEXT),
    (f"{ALL} WHERE Amount > :amount", "MALFORMED_QUERY", "unexpected token: ':'", BIND),
    (f"{ALL} WHERE Amount LIKE 'W%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator", OPERATORS),
    (f"{ALL} WHERE Amount INCLUDES ('a')", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator", PICKLISTS),
    (f"{ALL} WHERE StageName = 'a\\d'", "MALFORMED_QUERY", "Illegal character sequence", QUOTES),
    (f"{ALL} WHERE DAY_ONLY(CloseDate) = 2026-10-03", "MALFORMED_QUERY", "DAY_ONLY", DATE_FUNCTIONS),
    (f"{ALL} WHERE convertTimezone(CreatedDate) > 2026-10-03T00:00:00Z", "MALFORMED_QUERY", "WHERE", DATE_FUNCTIONS),
    (f"{ALL} WHERE CALENDAR_YEAR(StageName) = 2026", "MALFORMED_QUERY", "CALENDAR_YEAR", DATE_FUNCTIONS),
    (f"{ALL} WHERE SUM(Amount) > 3", "MALFORMED_QUERY", "not allowed in a WHERE", AGGREGATES),
    (f"{ALL} WHERE convertCurrency(Amount) > 3", "MALFORMED_QUERY", "WHERE", CURRENCY),
    (f"{ALL} WHERE IsWon = true OR AccountId IN (SELECT Id FROM Account)", "MALFORMED_QUERY", "top level", SEMI_JOIN),
    (f"{ALL} WHERE Id IN (SELECT Id FROM Opportunity)", "MALFORMED_QUERY", "same object type", OPERATORS),
    (f"{ALL} WHERE AccountId IN (SELECT Id, Name FROM Account)", "MALFORMED_QUERY", "one field", OPERATORS),
    (f"{ALL} WHERE StageName IN (SELECT Name FROM Account)", "MALFORMED_QUERY", "id field", OPERATORS),
    (f"{ALL} WHERE AccountId IN (SELECT Id FROM Account LIMIT 5)", "MALFORMED_QUERY", "semi join", OPERATORS),
    (f"{ALL} WHERE AccountId IN (SELECT AccountId FROM Contact WHERE AccountId IN (SELECT Id FROM Account))", "MALFORMED_QUERY", "Nesting", OPERATORS),
    (f"{ALL} WHERE A.B.C.D.E.F.Name = 'x'", "MALFORMED_QUERY", "relationship levels", PATHS),
    (f"{ALL} WHERE Foo.Name = 'x'", "INVALID_FIELD", "relationship 'Foo'", PATHS),
    ("SELECT SUM(Amount) AS total FROM Opportunity", "MALFORMED_QUERY", "unexpected token", AGGREGATES),
    ("SELECT DISTINCT StageName FROM Opportunity", "MALFORMED_QUERY", "aliasing", AGGREGATES),
    ("SELECT Amount, COUNT(Id) FROM Opportunity GROUP BY Amount", "MALFORMED_QUERY", "can not be grouped", GROUPS),
    ("SELECT CreatedDate, COUNT(Id) FROM Opportunity GROUP BY CreatedDate", "MALFORMED_QUERY", "can not be grouped", GROUPS),
    ("SELECT StageName, COUNT(Id) FROM Opportunity", "MALFORMED_QUERY", "grouped or aggregated", GROUPS),
    ("SELECT COUNT() FROM Opportunity GROUP BY StageName", "MALFORMED_QUERY", "COUNT()", COUNT),
    (f"{ALL} HAVING COUNT(Id) > 3", "MALFORMED_QUERY", "group by", GROUPS),
    (f"{ALL} LIMIT 5", "MALFORMED_QUERY", "LIMIT", AGGREGATES),
    ("SELECT SUM(AVG(Amount)) FROM Opportunity", "MALFORMED_QUERY", "unexpected token", AGGREGATES),
    ("SELECT SUM(Amount) a, COUNT(Id) a FROM Opportunity", "MALFORMED_QUERY", "duplicate alias", AGGREGATES),
    ("SELECT Id FROM Opportunity UNION SELECT Id FROM Account", "MALFORMED_QUERY", "unexpected token", CONDITIONS),
    ("SELECT COUNT(Id) FROM Opportunity JOIN Account", "MALFORMED_QUERY", "unexpected token", CONDITIONS),
    ("SELECT COUNT(*) FROM Opportunity", "MALFORMED_QUERY", "'*'", COUNT),
    (f"{ALL} ALL ROWS", "MALFORMED_QUERY", "unexpected token", CONDITIONS),
]  # fmt: skip


@pytest.mark.parametrize(("soql", "expected", "source"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_what_salesforce_takes(soql: str, expected: Any, source: str) -> None:
    answer = ORG._evaluator.run(soql)

    if answer.records:
        (record,) = answer.records
        (found,) = [value for name, value in record.items() if name != "attributes"]
    else:
        found = answer.total
    assert found == expected, source
    assert meant(Soql(soql=soql)) is not None


@pytest.mark.parametrize(("soql", "code", "words", "source"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_salesforce_refuses(soql: str, code: str, words: str, source: str) -> None:
    with pytest.raises(Refused) as refused:
        ORG._evaluator.run(soql)

    assert refused.value.code == code, source
    assert words in str(refused.value), source


def test_groups_are_bounded() -> None:
    rows = [{"Id": str(n), "Code__c": f"c{n}"} for n in range(2001)]
    org = SalesforceOrg(Data(salesforce={"Thing__c": rows}))

    with pytest.raises(Refused, match="queryMore"):
        org._evaluator.run("SELECT Code__c, COUNT(Id) FROM Thing__c GROUP BY Code__c")


def test_days_of_the_users_zone_are_grouped() -> None:
    day = "DAY_ONLY(convertTimezone(CreatedDate))"
    records = ORG._evaluator.run(f"SELECT {day} d, COUNT(Id) n FROM Opportunity GROUP BY {day} ORDER BY {day}").records

    assert [(record["d"], record["n"]) for record in records][:3] == [
        ("2026-10-01", 1),
        ("2026-10-03", 1),
        ("2026-10-04", 2),
    ]
