"""Small files in the layouts of the official lists."""

SDN = (
    b'101,"SEAGLASS METALS TRADING CO., LTD.",-0- ,"SDGT] [IRAN",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
    b'"Tax ID No. 12-3456789 (United States); alt. Registration ID 1027700000001 (Russia); '
    b"D-U-N-S Number 123456789; Legal Entity Number 5493001KJTIIGC8Y1R12; "
    b"Vessel Registration Identification IMO 9000001; a.k.a. 'SMT'; a.k.a. 'GLASS METAL'.\"\r\n"
    b'102,"DELGADO QUIROGA, Marisol",individual,"SDNTK","Manager",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
    b'103,"OCEAN LARK",vessel,"IRAN",-0- ,-0- ,"Tanker",-0- ,-0- ,"Korea, North",-0- ,-0- \r\n'
    b"\x1a"
)


ALT = b'101,7,"aka","SMT",-0- \r\n101,8,"fka","BANCO VERDEMAR S.A.",-0- \r\n\x1a'


ADD = (
    b'101,1,"1 Quay Road","Valletta","Malta",-0- \r\n101,2,-0- ,-0- ,"Malta",-0- \r\n'
    b'102,3,-0- ,-0- ,"undetermined",-0- \r\n\x1a'
)


OFAC = {"sdn.csv": SDN, "alt.csv": ALT, "add.csv": ADD}


CSL_NEW = (
    "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,"
    "standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,"
    "gross_registered_tonnage,vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,"
    "dates_of_birth,nationalities,places_of_birth,source_information_url,ids"
)


DPL_HEADER = (
    "Name\tStreet_Address\tCity\tState\tCountry\tPostal_Code\tEffective_Date\tExpiration_Date\tStandard_Order\t"
    "Last_Update\tAction\tFR_Citation"
)


SAM_HEADER = (
    "Classification,Name,Prefix,First,Middle,Last,Suffix,Address 1,Address 2,Address 3,Address 4,City,"
    "State / Province,Country,Zip Code,Open Data Flag,Unique Entity ID,Exclusion Program,Excluding Agency,"
    "CT Code,Exclusion Type,Additional Comments,Active Date,Termination Date,Record Status,Cross-Reference,"
    "SAM Number,CAGE,NPI"
)


def table(header, *rows, delimiter=","):
    """A file out of a header and rows given as {column: text}; every cell quoted."""
    columns = header.split(delimiter)
    lines = [header, *(delimiter.join(f'"{row.get(each, "")}"' for each in columns) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def dpl(*rows):
    return table(DPL_HEADER, *rows, delimiter="\t")


def of(parties, record):
    return next(party for party in parties if party.record_id == record)


ROW = {
    "_id": "ab12",
    "source": "Entity List (EL) - Bureau of Industry and Security",
    "name": "Harbour Optics, Ltd.",
    "addresses": "1 Pier, Hong Kong, HK; 2 Lane, Minsk, BY; Nowhere, ZZ",
    "alt_names": "Harbor Optics; and HO Lens; HO Lens",
    "start_date": "2019-05-06",
    "end_date": "2029-05-06",
    "federal_register_notice": "84 FR 1",
    "ids": "Tax ID No., 98-7654321, US; Passport, X1, BY; Registration ID, 77-1, BY",
    "dates_of_birth": "1958",
}


DENIED = {
    "Name": " Gale Wind Shipping",
    "Street_Address": "1 Pier",
    "City": "Utrecht",
    "Country": "NL",
    "Effective_Date": "06/19/2020",
    "Expiration_Date": "06/19/2030",
    "FR_Citation": "85 F.R. 100 6/30/20",
}


EXCLUDED = {
    "Classification": "Firm",
    "Name": "TALLOW & SONS, INC.",
    "Address 1": "5 Mill Lane",
    "City": "Dover",
    "State / Province": "DE",
    "Country": "USA",
    "Zip Code": "19901",
    "Unique Entity ID": "ZQGGHJH74DW7",
    "Exclusion Program": "Reciprocal",
    "Excluding Agency": "GSA",
    "CT Code": "R",
    "Exclusion Type": "Ineligible (Proceedings Completed)",
    "Active Date": "03/04/2021",
    "Termination Date": "Indefinite",
    "Record Status": "Active",
    "SAM Number": "S4MR00001",
    "CAGE": "1ABC2",
}


def upper(row):
    return {column.upper(): text for column, text in row.items()}


TEMPLATE = (
    b"name,aliases,parent,section,effective,removed,citation\n"
    b'"Reedwater Cotton Co., Ltd.",RWC; Reed Cotton,Reedwater Group; Delta Holding,2(d)(2)(B)(i),'
    b"2022-06-21,02-Aug-2024,87 FR 9\n"
)


UN = """<?xml version="1.0" encoding="utf-8"?>
<CONSOLIDATED_LIST dateGenerated="2025-01-01"><INDIVIDUALS>
<INDIVIDUAL><DATAID>6900001</DATAID><FIRST_NAME>ANSEL</FIRST_NAME><SECOND_NAME>BRIGHT</SECOND_NAME>
<THIRD_NAME/><FOURTH_NAME>COLE</FOURTH_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE>
<REFERENCE_NUMBER>CDi.900</REFERENCE_NUMBER><LISTED_ON>2012-12-31-05:00</LISTED_ON>
<COMMENTS1>A  person.</COMMENTS1><NATIONALITY><VALUE>Rwanda</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Ansel Brite</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Ace</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ADDRESS><CITY>Goma</CITY><COUNTRY>Democratic Republic of the Congo</COUNTRY></INDIVIDUAL_ADDRESS>
</INDIVIDUAL></INDIVIDUALS><ENTITIES>
<ENTITY><DATAID>110001</DATAID><FIRST_NAME>Copperleaf Trading &amp; Co</FIRST_NAME>
<ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>CTC</ALIAS_NAME></ENTITY_ALIAS></ENTITY>
</ENTITIES></CONSOLIDATED_LIST>"""


CUSTOM = "name,aliases\nSeaglass Metals,SMT\nVerdemar Bank,Café Grün\n"
